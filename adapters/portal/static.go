package portal

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
)

//go:embed static
var staticFiles embed.FS

const staticPrefix = "/static/"

// static are the files that pages refer to. Their names hold a hash of what is in them, so that a browser may keep them for
// ever.
type static struct {
	content map[string][]byte // by the name in the address
	names   map[string]string // by the name of the file
}

func readStatic() (static, error) {
	s := static{map[string][]byte{}, map[string]string{}}
	files, err := staticFiles.ReadDir("static")
	if err != nil {
		return s, fmt.Errorf("read the static files: %w", err)
	}
	for _, f := range files {
		content, err := staticFiles.ReadFile("static/" + f.Name())
		if err != nil {
			return s, fmt.Errorf("read the static files: %w", err)
		}
		sum := sha256.Sum256(content)
		extension := path.Ext(f.Name())
		name := strings.TrimSuffix(f.Name(), extension) + "." + hex.EncodeToString(sum[:6]) + extension
		s.content[name], s.names[f.Name()] = content, staticPrefix+name
	}
	return s, nil
}

func (s static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, known := s.content[strings.TrimPrefix(r.URL.Path, staticPrefix)]
	if !known || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, fault.NotFound.Error(), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(r.URL.Path)))
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(content) // a browser that is gone cannot be told
}
