package postgres

import (
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/domain/tree"
)

type expression = sqlstore.Expression

// json asks Postgres' functions for jsonb. None of them is leakproof, so that they are asked only of rows that
// row-level security has let through, and never of an index.
type json struct{}

// Value looks at the type first: to read a string as a number would be an error, and end the transaction. text[] is written
// by its other name, for a text with brackets is not prepared (statement.Numbered).
func (json) Value(document expression, like tree.Value, path ...string) expression {
	value := at(document, path)
	switch like.(type) {
	case bool:
		return bun.SafeQuery("CASE jsonb_typeof(?) WHEN 'boolean' THEN CAST(? AS boolean) END", value, value)
	case tree.Number:
		return bun.SafeQuery("CASE jsonb_typeof(?) WHEN 'number' THEN CAST(? AS numeric) END", value, value)
	}
	return bun.SafeQuery(`CASE jsonb_typeof(?) WHEN 'string' THEN jsonb_extract_path_text(?, VARIADIC CAST('{}' AS _text)) END COLLATE "C"`, value, value)
}

// Literal names the collation, for what it is compared with may have none of its own.
func (json) Literal(v tree.Value) expression {
	switch v := v.(type) {
	case tree.Number:
		return bun.SafeQuery("CAST(? AS numeric)", string(v))
	case string:
		return bun.SafeQuery(`? COLLATE "C"`, v)
	}
	return bun.SafeQuery("?", v)
}

func (json) Each(document expression, path ...string) expression {
	value := at(document, path)
	return bun.SafeQuery("jsonb_array_elements(CASE jsonb_typeof(?) WHEN 'array' THEN ? END)", value, value)
}

func (json) There(document expression, path ...string) expression {
	return bun.SafeQuery("? IS NOT NULL", at(document, path))
}

// filled finds, at any depth, what is neither an empty string nor a list or an object.
const filled = `$.** ? (@.type() == "boolean" || @.type() == "number" || @.type() == "string" && @ != "")`

func (json) Filled(document expression, path ...string) expression {
	return bun.SafeQuery("jsonb_path_exists(?, ?)", at(document, path), filled)
}

func (json) Contains(text expression, part string) expression {
	return bun.SafeQuery("strpos(?, ?) > 0", text, part)
}

func (json) Ends(text expression, part string) expression {
	return bun.SafeQuery(`right(?, ?) = ? COLLATE "C"`, text, utf8.RuneCountInString(part), part)
}

// at is what a path leads to. A name is an argument, for some are urns that clients have chosen.
func at(document expression, path []string) expression {
	if len(path) == 0 {
		return document
	}
	args := make([]any, 1, 1+len(path))
	args[0] = document
	for _, name := range path {
		args = append(args, name)
	}
	return bun.SafeQuery("jsonb_extract_path(?"+strings.Repeat(", ?", len(path))+")", args...)
}
