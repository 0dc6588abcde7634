package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// entry is one value of the file, as text, and where it stands (FILE:LINE).
type entry struct{ text, source string }

// readFile returns the settings of the YAML file named, by key; none if name is
// empty. It refuses keys that are no setting, and keys given twice.
func readFile(name string) (map[string]entry, error) {
	if name == "" {
		return nil, nil
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("config: %w; name a file that can be read", err)
	}
	var document, next yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF): // nothing but comments
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%s is not YAML: %w", name, err)
	}
	if err := decoder.Decode(&next); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s holds more than one document; keep the first", name)
	}
	root := document.Content[0]
	if root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: expected lines of KEY: VALUE, such as listen: 127.0.0.1:8080", name, root.Line)
	}
	return entries(name, root)
}

func entries(name string, root *yaml.Node) (map[string]entry, error) {
	found := map[string]entry{}
	var faults []error
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		source := fmt.Sprintf("%s:%d", name, root.Content[i].Line)
		if nearest := nearestKey(key); nearest != key {
			faults = append(faults, fmt.Errorf("%s: no setting is called %q; did you mean %s?", source, key, nearest))
			continue
		}
		if earlier, ok := found[key]; ok {
			faults = append(faults, fmt.Errorf("%s: %s is set already at %s; keep one of them", source, key, earlier.source))
			continue
		}
		text, ok := scalars(value)
		if !ok {
			faults = append(faults, fmt.Errorf("%s: %s takes a value or a list of values, not this", source, key))
		}
		found[key] = entry{text, source}
	}
	return found, errors.Join(faults...)
}

// scalars returns a value, or a list of them, as one would write it in a flag.
func scalars(node *yaml.Node) (string, bool) {
	switch {
	case node.Tag == "!!null":
		return "", true
	case node.Kind == yaml.ScalarNode:
		return node.Value, true
	case node.Kind != yaml.SequenceNode:
		return "", false
	}
	texts := make([]string, len(node.Content))
	for i, item := range node.Content {
		if item.Kind != yaml.ScalarNode {
			return "", false
		}
		texts[i] = item.Value
	}
	return strings.Join(texts, ","), true
}

// nearestKey returns the setting that takes the fewest edits to reach from key.
func nearestKey(key string) string {
	nearest, fewest := "", len(key)+100
	for _, s := range settings {
		if n := edits(key, s.key); n < fewest {
			nearest, fewest = s.key, n
		}
	}
	return nearest
}

// edits counts the bytes to insert, delete or replace between a and b (the
// Levenshtein distance).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
