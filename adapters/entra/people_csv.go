package entra

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// columns are those that a file of people may have, by the names of the attributes in Entra.
var columns = []struct {
	name string
	set  func(p *Person, value string) error
}{
	{"userPrincipalName", func(p *Person, v string) error {
		if strings.TrimSpace(v) == "" {
			return errors.New("is empty: each person needs one")
		}
		p.UserPrincipalName = v
		return nil
	}},
	{"givenName", func(p *Person, v string) error { p.GivenName = v; return nil }},
	{"surname", func(p *Person, v string) error { p.Surname = v; return nil }},
	{"displayName", func(p *Person, v string) error { p.DisplayName = v; return nil }},
	{"mobile", func(p *Person, v string) error { p.Mobile = v; return nil }},
	{"employeeId", func(p *Person, v string) error { p.EmployeeID = v; return nil }},
	{"department", func(p *Person, v string) error { p.Department = v; return nil }},
	{"manager", func(p *Person, v string) error { p.Manager = v; return nil }},
	{"accountEnabled", func(p *Person, v string) error {
		if v == "" {
			return nil
		}
		enabled, err := strconv.ParseBool(strings.ToLower(v))
		if err != nil {
			return fmt.Errorf("is %q: write true or false", v)
		}
		p.AccountDisabled = !enabled
		return nil
	}},
}

// ReadPeople reads a CSV file in UTF-8 (RFC 4180; a byte order mark is skipped). Its header names columns as Entra does,
// in any order: userPrincipalName, givenName, surname, displayName, mobile, employeeId, department, manager (a
// userPrincipalName) and accountEnabled. Only the first is required. Errors name the line and the column.
func ReadPeople(r io.Reader) ([]Person, error) {
	buffered := bufio.NewReader(r)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = buffered.Discard(3) // cannot fail after that Peek
	}
	file := csv.NewReader(buffered)
	file.FieldsPerRecord = -1 // counted below, where the message can say what to do
	file.ReuseRecord = true
	header, err := file.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty: the first line must name the columns, among them userPrincipalName")
	}
	if err != nil {
		return nil, readable(err)
	}
	order, err := readHeader(header)
	if err != nil {
		return nil, err
	}
	var people []Person
	seen := map[string]int{}
	for {
		record, err := file.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, readable(err)
		}
		line, _ := file.FieldPos(0)
		if len(record) != len(order) {
			return nil, fmt.Errorf("line %d: has %d columns where the header has %d", line, len(record), len(order))
		}
		var p Person
		for i, value := range record {
			line, _ := file.FieldPos(i)
			wrong := columns[order[i]].set(&p, value)
			if !utf8.ValidString(value) {
				wrong = errors.New("is not UTF-8: save the file in that encoding")
			}
			if wrong != nil {
				return nil, fmt.Errorf("line %d, column %d (%s): %w", line, i+1, columns[order[i]].name, wrong)
			}
		}
		key := fold(p.UserPrincipalName)
		if first, taken := seen[key]; taken {
			column := slices.Index(order, 0) + 1
			return nil, fmt.Errorf("line %d, column %d (userPrincipalName): %q is on line %d already", line, column, p.UserPrincipalName, first)
		}
		seen[key] = line
		people = append(people, p)
	}
	if len(people) == 0 {
		return nil, errNobody
	}
	return people, nil
}

// readHeader returns the position in columns of each of the file's own.
func readHeader(header []string) ([]int, error) {
	order := make([]int, len(header))
	var known []string
	for _, c := range columns {
		known = append(known, c.name)
	}
	for i, name := range header {
		name = strings.TrimSpace(name)
		order[i] = slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
		switch {
		case order[i] < 0 && len(header) == 1 && strings.ContainsAny(name, ";\t"):
			return nil, errors.New("line 1: columns are separated by commas")
		case order[i] < 0:
			return nil, fmt.Errorf("line 1, column %d: %q is not a column: write %s", i+1, printable(name), strings.Join(known, ", "))
		case slices.Contains(order[:i], order[i]):
			return nil, fmt.Errorf("line 1, column %d: %s is there twice", i+1, known[order[i]])
		}
	}
	if !slices.Contains(order, 0) {
		return nil, errors.New("line 1: the column userPrincipalName is missing")
	}
	return order, nil
}

// readable says in our form what the CSV reader found, with the position in the line that it gives.
func readable(err error) error {
	if at := (*csv.ParseError)(nil); errors.As(err, &at) {
		return fmt.Errorf("line %d, character %d: %w", at.Line, at.Column, at.Err)
	}
	return err
}
