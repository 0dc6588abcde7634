package sqlite

import (
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/domain/tree"
)

type expression = sqlstore.Expression

// json asks SQLite's functions for JSON (https://sqlite.org/json1.html).
type json struct{}

func (json) Value(document expression, _ tree.Value, path ...string) expression {
	if len(path) == 0 {
		return document // json_each has taken the value out already
	}
	return bun.SafeQuery("json_extract(?, ?)", document, jsonPath(path))
}

func (json) Literal(v tree.Value) expression {
	if number, ok := v.(tree.Number); ok {
		// Read by the same code as the document's numbers, so that none is rounded another way.
		return bun.SafeQuery("json_extract(?, '$')", string(number))
	}
	return bun.SafeQuery("?", v)
}

func (json) Each(document expression, path ...string) expression {
	return bun.SafeQuery("json_each(?, ?)", document, jsonPath(path))
}

func (json) There(document expression, path ...string) expression {
	return bun.SafeQuery("json_type(?, ?) IS NOT NULL", document, jsonPath(path))
}

func (json) Filled(document expression, path ...string) expression {
	if len(path) == 0 {
		return bun.SafeQuery("? <> ''", document)
	}
	return bun.SafeQuery("EXISTS (SELECT 1 FROM json_tree(?, ?) AS t WHERE t.atom <> '')", document, jsonPath(path))
}

func (json) Contains(text expression, part string) expression {
	return bun.SafeQuery("instr(?, ?) > 0", text, part)
}

func (json) Ends(text expression, part string) expression {
	return bun.SafeQuery("substr(?, ?) = ?", text, -utf8.RuneCountInString(part), part)
}

// jsonPath writes a path as SQLite reads it. Between quotation marks no character means anything but itself.
func jsonPath(names []string) string {
	var path strings.Builder
	path.WriteByte('$')
	for _, name := range names {
		path.WriteString(`."` + name + `"`)
	}
	return path.String()
}
