package oauthapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/extraordinary/provisioning/domain/fault"
)

// maxForm is how many bytes a form may have; the longest honest one has about 400.
const maxForm = 8 << 10

// readForm reads r's parameters, each at most once, out of the body and nowhere else (RFC 6749 §3.2). A parameter
// without a value counts as absent. Faults: Media, TooLarge, Syntax.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if r.URL.RawQuery != "" {
		return nil, fault.New(fault.Syntax, "send parameters in the body: addresses end up in logs, and secrets with them")
	}
	if media, _, err := mime.ParseMediaType(strings.Join(r.Header.Values("Content-Type"), ",")); err != nil || media != "application/x-www-form-urlencoded" {
		return nil, fault.New(fault.Media, "send the parameters as application/x-www-form-urlencoded")
	}
	if r.Header.Get("Content-Encoding") != "" {
		return nil, fault.New(fault.Media, "send the body without Content-Encoding")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fault.New(fault.TooLarge, "a form may have %d bytes", large.Limit)
	case err != nil:
		return nil, fault.New(fault.Syntax, "the form ended before it was whole")
	}
	parameters, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fault.New(fault.Syntax, "the form cannot be read: join name=value by &, percent-encode what stands in them")
	}
	for name, values := range parameters {
		switch {
		case len(values) > 1:
			return nil, fault.New(fault.Syntax, "a parameter is there more than once; send each once")
		case !legible(name) || !legible(values[0]):
			return nil, fault.New(fault.Syntax, "a parameter has control characters in it, or is not UTF-8")
		case values[0] == "":
			delete(parameters, name)
		}
	}
	return parameters, nil
}

func legible(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}
