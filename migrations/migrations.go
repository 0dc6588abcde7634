// Package migrations holds the history of the database's tables, one folder for each kind of database. A file is
// called ID_NAME.up.sql or ID_NAME.down.sql; the same id says the same in every folder. What was once released is
// never changed again: a later file puts it right.
package migrations

import "embed"

// SQLite holds the folder "sqlite".
//
//go:embed sqlite/*.sql
var SQLite embed.FS

// Postgres holds the folder "postgres".
//
//go:embed postgres/*.sql
var Postgres embed.FS
