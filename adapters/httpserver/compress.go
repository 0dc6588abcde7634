package httpserver

import (
	"compress/gzip"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// worthwhile is the size in bytes from which an answer is compressed. One resource is smaller, and goes as it is.
const worthwhile = 4096

// compressed sends large answers of a mount in gzip to those who take it (RFC 9110 §8.4.1). What a caller sends and
// what is secret never stand in one such answer, so that their size tells nothing (BREACH).
func compressed(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(worthwhile), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{"application/scim+json", "application/json"}))
	if err != nil {
		return nil, err
	}
	return wrap(next), nil
}
