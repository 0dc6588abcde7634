// Package provisioning_test holds the walls of the house: who may import whom, and where time, chance and prose may
// live.
//
// It reads the files instead of asking the go command, because the test cache watches files that a test opens, and not
// programs that it runs. The linter holds the same import walls (depguard in .golangci.yml); this test is the second
// lock, which needs no download and says why. Change a wall here and there together, with the reason in DECISIONS.md.
package provisioning_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/extraordinary/provisioning"

// A wall says what the packages of a folder may import besides the standard library and one another.
type wall struct {
	folder  string   // a * stands for one folder name, and then each such folder is a room of its own
	ours    []string // folders of this module
	modules []string // modules or packages of others
	never   []string // packages of the standard library that are shut out here
	why     string
}

const (
	domainWhy      = "the domain is plain Go, to be read and tested without a server: take what you need as an argument or a port"
	portsWhy       = "a port speaks domain; a port that names a technology is an adapter"
	applicationWhy = "a use case knows the domain and its ports only: what two use cases share belongs in the domain, and cmd wires the rest"
	inboundWhy     = "an inbound adapter knows its protocol and the use cases: cmd hands it whatever else it needs"
	outboundWhy    = "an outbound adapter fulfils ports with its own library: cmd is the only place that knows two adapters"
	besideWhy      = "configs and migrations stand beside the house: they import nothing of ours, so that each may be read alone"
	cmdWhy         = "cmd wires everything, and nothing imports cmd"
)

const (
	mux       = "github.com/gorilla/mux"
	otel      = "go.opentelemetry.io"
	fosite    = "github.com/ory/fosite"
	bun       = "github.com/uptrace/bun"
	pgx       = "github.com/jackc/pgx/v5"
	sqlite    = "modernc.org/sqlite"
	goRedis   = "github.com/redis/go-redis/v9"
	telemetry = "adapters/telemetry"
)

var (
	technology = []string{"net/http", "os", "database/sql", "log/slog"}
	inward     = []string{"domain", "ports", "application", telemetry}
	outward    = []string{"domain", "ports", telemetry}
)

var walls = []wall{
	{"domain", nil, []string{"golang.org/x/text"}, append([]string{"context"}, technology...), domainWhy},
	{"ports", []string{"domain"}, nil, technology, portsWhy},
	{"application/*", []string{"domain", "ports"}, []string{"go.opentelemetry.io/otel/trace", "go.opentelemetry.io/otel/codes"}, []string{"net/http", "os", "database/sql"}, applicationWhy},

	{"adapters/httpserver", inward, []string{mux, otel, "github.com/klauspost/compress/gzhttp"}, []string{"database/sql"}, inboundWhy},
	{"adapters/scimapi", inward, []string{mux, otel}, []string{"database/sql"}, inboundWhy},
	{"adapters/oauthapi", inward, []string{mux, otel, fosite}, []string{"database/sql"}, inboundWhy},
	{"adapters/openapi", inward, []string{mux}, []string{"database/sql"}, inboundWhy},
	{"adapters/portal", inward, []string{mux, otel, "rsc.io/qr"}, []string{"database/sql"}, inboundWhy},

	{"adapters/sqlstore", append([]string{"migrations"}, outward...), []string{bun, pgx, sqlite, otel}, []string{"net/http"}, outboundWhy},
	{"adapters/redisstore", outward, []string{goRedis, otel}, []string{"net/http", "database/sql"}, outboundWhy},
	{"adapters/localstore", outward, nil, []string{"net/http", "database/sql"}, outboundWhy},
	{"adapters/fositestore", outward, []string{fosite}, []string{"net/http", "database/sql"}, outboundWhy},
	{"adapters/entra", outward, []string{otel, "golang.org/x/text"}, []string{"database/sql"}, outboundWhy},
	{"adapters/webhooks", outward, []string{otel}, []string{"database/sql"}, outboundWhy},
	{"adapters/passwords", outward, []string{"golang.org/x/crypto/argon2"}, []string{"net/http", "database/sql"}, outboundWhy},
	{"adapters/mailer", outward, []string{"github.com/wneessen/go-mail"}, []string{"net/http", "database/sql"}, outboundWhy},
	{"adapters/statements", outward, nil, []string{"net/http", "database/sql"}, outboundWhy},
	{"adapters/browsertest", nil, []string{"github.com/chromedp"}, nil, "browsertest looks at pages, and knows nothing of who made them"},
	{"adapters/servertest", nil, []string{pgx, goRedis, "github.com/testcontainers/testcontainers-go"}, nil, "servertest finds servers for tests, and knows nothing of what is tested"},
	{telemetry, []string{"domain", "ports"}, []string{otel, mux, bun, goRedis, "github.com/felixge/httpsnoop", "github.com/prometheus/client_golang"}, nil, outboundWhy},

	{"configs", nil, []string{"github.com/spf13/pflag", "go.yaml.in/yaml/v3"}, nil, besideWhy},
	{"migrations", nil, nil, nil, besideWhy},
	{"cmd", []string{"domain", "ports", "application", "adapters", "configs", "migrations"}, []string{"*"}, nil, cmdWhy},
	{".", nil, nil, nil, "the root holds this test alone"},
}

// Tests of the domain stay in the domain. All others may use every floor but cmd: real stores instead of mocks.
var (
	testOurs    = []string{"domain", "ports", "application", "adapters", "configs", "migrations"}
	testModules = []string{"github.com/stretchr/testify", "github.com/testcontainers/testcontainers-go", "github.com/alicebob/miniredis/v2", "google.golang.org/protobuf", otel}
)

// A privilege is something of the standard library that only some folders, and all tests, may use.
type privilege struct {
	pkg    string
	names  []string // what is kept to the folders; empty: all but free
	free   []string
	only   []string
	advice string
}

const (
	takeTime   = "take now func() time.Time as an argument, so that a test can choose the time"
	takeChance = "take the source of chance as an argument (io.Reader, *rand.Rand), so that a test can choose it"
	takeWriter = "write to an io.Writer that the caller gives, or to the log once per request"
	takeConfig = "take the setting as an argument: configs reads the environment, cmd hands it on"
)

var (
	seeded     = []string{"New", "NewSource", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source"}
	privileges = []privilege{
		{pkg: "time", names: []string{"Now", "Since", "Until"}, only: []string{"cmd"}, advice: takeTime},
		{pkg: "math/rand", free: seeded, only: []string{"cmd"}, advice: takeChance},
		{pkg: "math/rand/v2", free: seeded, only: []string{"cmd"}, advice: takeChance},
		{pkg: "crypto/rand", only: []string{"cmd"}, advice: takeChance},
		{pkg: "fmt", names: []string{"Print", "Printf", "Println"}, only: []string{"cmd"}, advice: takeWriter},
		{pkg: "log", only: []string{"cmd"}, advice: takeWriter},
		{pkg: "os", names: []string{"Exit"}, only: []string{"cmd"}, advice: "return an error: only cmd ends the process"},
		{pkg: "os", names: []string{"Getenv", "LookupEnv", "Environ"}, only: []string{"cmd", "configs"}, advice: takeConfig},
	}
)

var (
	topFolders  = []string{"domain", "application", "adapters", "ports", "cmd", "configs", "migrations"}
	unversioned = []string{"data", "bin"} // made by running and building, named in .gitignore
	emptyNames  = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "types", "models", "manager", "impl"}
	proseEnds   = []string{".md", ".rst", ".adoc"}
)

// A rule finds its violations in the project, each as one line: where, what, why, and what to do.
type rule struct {
	name string
	find func(project) []string
}

var rules = []rule{
	{"packages import only what their wall allows", importsOverAWall},
	{"time, chance, output and settings come as arguments", privilegesTaken},
	{"each package has one comment that says what it is for", packageComments},
	{"each package is named for what it holds", packageNames},
	{"nothing runs before main", initFunctions},
	{"the top-level folders are those of the architecture", strangeFolders},
	{"prose lives in the root", strayProse},
}

func TestTheHouseHasItsWalls(t *testing.T) {
	t.Parallel()
	house, err := read(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			for _, violation := range rule.find(house) {
				t.Error(violation)
			}
		})
	}
}

// project is what the rules look at. Paths are relative to the root and have slashes.
type project struct {
	paths []string // every file but those that are no part of the project
	files []file
}

type file struct {
	path, dir string
	test      bool // a test, or a file of a package that only tests use
	syntax    *ast.File
	set       *token.FileSet
}

func (f file) at(pos token.Pos) string {
	return fmt.Sprintf("%s:%d", f.path, f.set.Position(pos).Line)
}

// read parses every Go file of tree. Test data, dot folders and what .gitignore names are no part of the project.
func read(tree fs.FS) (project, error) {
	var found project
	set := token.NewFileSet()
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || slices.Contains(unversioned, name) || strings.HasPrefix(name, ".") && name != "."):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		found.paths = append(found.paths, name)
		if path.Ext(name) != ".go" {
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(set, name, source, parser.ParseComments)
		if err != nil {
			return err
		}
		dir := path.Dir(name)
		test := strings.HasSuffix(name, "_test.go") || testSupport(dir)
		found.files = append(found.files, file{path: name, dir: dir, test: test, syntax: syntax, set: set})
		return nil
	})
	return found, err
}

// testSupport tells of a package that only tests use: its name ends in test, as httptest's does.
func testSupport(dir string) bool { return strings.HasSuffix(dir, "test") }

func importsOverAWall(p project) (violations []string) {
	for _, f := range p.files {
		wall, room, ok := wallOf(f.dir)
		if !ok {
			violations = append(violations, fmt.Sprintf("%s: no wall stands round %s: add one to walls_test.go and .golangci.yml", f.path, f.dir))
			continue
		}
		for _, spec := range f.syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err == nil && !mayImport(f, wall, room, imported) {
				violations = append(violations, fmt.Sprintf("%s: %s must not import %s: %s", f.at(spec.Pos()), f.dir, imported, wall.why))
			}
		}
	}
	return violations
}

func mayImport(f file, w wall, room, imported string) bool {
	if dir, ours := strings.CutPrefix(imported, module+"/"); ours {
		switch {
		case testSupport(dir) && !f.test:
			return false
		case within(dir, room):
			return true
		case f.test && w.folder != "domain":
			return withinAny(dir, testOurs)
		}
		return withinAny(dir, w.ours)
	}
	if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") {
		return withinAny(imported, w.modules) || slices.Contains(w.modules, "*") || f.test && withinAny(imported, testModules)
	}
	return f.test || !withinAny(imported, w.never)
}

// wallOf finds the wall round dir, and the room behind it, in which packages may import one another.
func wallOf(dir string) (w wall, room string, ok bool) {
	for _, w := range walls {
		parts := strings.Split(dir, "/")
		depth := strings.Count(w.folder, "/") + 1
		if len(parts) < depth {
			continue
		}
		room := strings.Join(parts[:depth], "/")
		if matched, err := path.Match(w.folder, room); err == nil && matched {
			return w, room, true
		}
	}
	return wall{}, "", false
}

func within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}

func withinAny(name string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return within(name, folder) })
}

func privilegesTaken(p project) (violations []string) {
	for _, f := range p.files {
		for _, right := range privileges {
			if f.test || withinAny(f.dir, right.only) {
				continue
			}
			local := importedAs(f.syntax, right.pkg)
			ast.Inspect(f.syntax, func(node ast.Node) bool {
				use, ok := node.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				pkg, ok := use.X.(*ast.Ident)
				if ok && pkg.Name == local && right.covers(use.Sel.Name) {
					violations = append(violations, fmt.Sprintf("%s: %s.%s is kept to %s and tests: %s",
						f.at(use.Pos()), right.pkg, use.Sel.Name, strings.Join(right.only, ", "), right.advice))
				}
				return true
			})
		}
	}
	return violations
}

func (p privilege) covers(name string) bool {
	if len(p.names) > 0 {
		return slices.Contains(p.names, name)
	}
	return !slices.Contains(p.free, name)
}

// importedAs gives the name by which syntax knows the package, or "" if it does not import it.
func importedAs(syntax *ast.File, pkg string) string {
	for _, spec := range syntax.Imports {
		switch {
		case spec.Path.Value != strconv.Quote(pkg):
		case spec.Name != nil:
			return spec.Name.Name
		case path.Base(pkg) == "v2":
			return path.Base(path.Dir(pkg))
		default:
			return path.Base(pkg)
		}
	}
	return ""
}

func packageComments(p project) (violations []string) {
	comments := map[string]int{}
	for _, f := range p.files {
		if strings.HasSuffix(f.path, "_test.go") && f.dir != "." {
			continue // the tests of a package are no package of their own
		}
		comments[f.dir] += 0
		if f.syntax.Doc == nil {
			continue
		}
		comments[f.dir]++
		opening := "Package " + f.syntax.Name.Name + " "
		if f.syntax.Name.Name == "main" {
			opening = "Command " + path.Base(f.dir) + " "
		}
		if !strings.HasPrefix(f.syntax.Doc.Text(), opening) {
			violations = append(violations, fmt.Sprintf("%s: the package comment begins with %q, as go doc expects", f.path, opening))
		}
	}
	for dir, count := range comments {
		if count != 1 {
			violations = append(violations, fmt.Sprintf("%s: %d package comments: have one, in the file that a reader opens first", dir, count))
		}
	}
	return violations
}

func packageNames(p project) (violations []string) {
	for _, f := range p.files {
		name := strings.TrimSuffix(f.syntax.Name.Name, "_test")
		if slices.Contains(emptyNames, name) || slices.Contains(emptyNames, path.Base(f.dir)) {
			violations = append(violations, fmt.Sprintf("%s: %s says nothing: name the package for what it holds", f.path, f.dir))
		}
		if name != "main" && f.dir != "." && name != path.Base(f.dir) {
			violations = append(violations, fmt.Sprintf("%s: package %s lies in folder %s: give both one name", f.path, name, path.Base(f.dir)))
		}
	}
	return violations
}

func initFunctions(p project) (violations []string) {
	for _, f := range p.files {
		for _, declared := range f.syntax.Decls {
			if fn, ok := declared.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				violations = append(violations, f.at(fn.Pos())+": an init function runs unseen: make it a constructor that cmd calls")
			}
		}
	}
	return violations
}

func strangeFolders(p project) (violations []string) {
	for _, name := range p.paths {
		if top, _, nested := strings.Cut(name, "/"); nested && !slices.Contains(topFolders, top) {
			violations = append(violations, fmt.Sprintf("%s: the top-level folders are %s: find its place among them", name, strings.Join(topFolders, ", ")))
		}
	}
	return violations
}

func strayProse(p project) (violations []string) {
	for _, name := range p.paths {
		if slices.Contains(proseEnds, path.Ext(name)) && strings.Contains(name, "/") {
			violations = append(violations, name+": prose lives in the files of the root: README, ARCHITECTURE, DECISIONS, CHANGELOG, CONTRIBUTING")
		}
	}
	return violations
}

func TestTheWallsCatch(t *testing.T) {
	t.Parallel()
	source := func(pkg string, imports ...string) string {
		text := "// Package " + pkg + " is an example.\npackage " + pkg + "\n"
		for _, imported := range imports {
			text += "import " + imported + "\n"
		}
		return text
	}
	ours := func(dir string) string { return strconv.Quote(module + "/" + dir) }

	for name, example := range map[string]struct {
		path, source string
		want         string // "" for no violation
	}{
		"nothing in an honest domain":        {"domain/credential/a.go", source("credential", `"time"`, ours("domain/fault"), `"golang.org/x/text/cases"`), ""},
		"a context in the domain":            {"domain/credential/a.go", source("credential", `"context"`), "must not import context"},
		"a subpackage of net/http in domain": {"domain/credential/a.go", source("credential", `"net/http/httptest"`), "must not import net/http/httptest"},
		"a module in the domain":             {"domain/credential/a.go", source("credential", `"github.com/google/uuid"`), "must not import github.com/google/uuid"},
		"a port in the domain":               {"domain/credential/a.go", source("credential", ours("ports")), "must not import " + module + "/ports"},
		"an adapter in a test of the domain": {"domain/credential/a_test.go", source("credential", ours("adapters/sqlstore")), "must not import"},
		"a module in a port":                 {"ports/a.go", source("ports", `"github.com/ory/fosite"`), "must not import github.com/ory/fosite"},
		"nothing in a contract suite":        {"ports/portstest/a.go", source("portstest", `"testing"`, `"github.com/stretchr/testify/require"`, ours("ports")), ""},
		"a contract suite outside of tests":  {"ports/a.go", source("ports", ours("ports/portstest")), "must not import"},
		"a use case in another":              {"application/signin/a.go", source("signin", ours("application/members")), "must not import"},
		"nothing in a use case's own room":   {"application/signin/a.go", source("signin", ours("application/signin/lockout")), ""},
		"an adapter in a use case":           {"application/signin/a.go", source("signin", ours("adapters/telemetry")), "must not import"},
		"an otel exporter in a use case":     {"application/signin/a.go", source("signin", `"go.opentelemetry.io/otel/sdk/trace"`), "must not import"},
		"an adapter in an adapter":           {"adapters/scimapi/a.go", source("scimapi", ours("adapters/sqlstore")), "must not import"},
		"nothing in a test over real stores": {"adapters/scimapi/a_test.go", source("scimapi", ours("adapters/sqlstore")), ""},
		"nothing in the use of telemetry":    {"adapters/scimapi/a.go", source("scimapi", ours("adapters/telemetry")), ""},
		"a use case in a store":              {"adapters/sqlstore/a.go", source("sqlstore", ours("application/members")), "must not import"},
		"bun outside of its store":           {"adapters/redisstore/a.go", source("redisstore", `"github.com/uptrace/bun"`), "must not import"},
		"a module whose name only begins so": {"adapters/redisstore/a.go", source("redisstore", `"github.com/redis/go-redis/v99"`), "must not import"},
		"settings in an adapter":             {"adapters/portal/a.go", source("portal", ours("configs")), "must not import"},
		"something of ours in configs":       {"configs/a.go", source("configs", ours("domain/fault")), "must not import"},
		"cmd in anything":                    {"adapters/portal/a_test.go", source("portal", ours("cmd/extraordinary")), "must not import"},
		"an adapter without a wall":          {"adapters/carrier/a.go", source("carrier"), "no wall stands round adapters/carrier"},

		"the clock":                     {"domain/credential/a.go", source("credential", `"time"`) + "var now = time.Now\n", "time.Now is kept to cmd and tests"},
		"the clock under another name":  {"adapters/entra/a.go", source("entra", `clock "time"`) + "func f() { clock.Since(clock.Time{}) }\n", "time.Since is kept"},
		"nothing in a clock in a test":  {"domain/credential/a_test.go", source("credential", `"time"`) + "var now = time.Now\n", ""},
		"a dice of the whole process":   {"domain/delivery/a.go", source("delivery", `"math/rand/v2"`) + "var n = rand.IntN(6)\n", "math/rand/v2.IntN is kept"},
		"nothing in a dice with a seed": {"domain/delivery/a.go", source("delivery", `"math/rand/v2"`) + "var n = rand.New(rand.NewPCG(1, 2))\n", ""},
		"an unseen setting":             {"adapters/mailer/a.go", source("mailer", `"os"`) + "var host = os.Getenv(\"HOST\")\n", "os.Getenv is kept to cmd, configs and tests"},
		"a print":                       {"adapters/entra/a.go", source("entra", `"fmt"`) + "func f() { fmt.Println() }\n", "fmt.Println is kept"},

		"a package without comment":       {"domain/access/a.go", "package access\n", "0 package comments"},
		"a comment that go doc ignores":   {"domain/access/a.go", "// All about access.\npackage access\n", `begins with "Package access "`},
		"nothing in the comment of a cmd": {"cmd/extraordinary/a.go", "// Command extraordinary is an example.\npackage main\n", ""},
		"a name that says nothing":        {"domain/util/a.go", source("util"), "says nothing"},
		"a name beside its folder":        {"domain/access/a.go", source("permission"), "give both one name"},
		"an init function":                {"domain/access/a.go", source("access") + "func init() {}\n", "runs unseen"},
		"nothing in a method named init":  {"domain/access/a.go", source("access") + "type a int\nfunc (a) init() {}\n", ""},
		"a new top-level folder":          {"pkg/a.txt", "", "the top-level folders are"},
		"nothing in a dot folder":         {".github/a.md", "", ""},
		"a readme below the root":         {"adapters/portal/README.md", "", "prose lives in the files of the root"},
		"nothing in prose of test data":   {"adapters/portal/testdata/a.md", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			house, err := read(fstest.MapFS{example.path: {Data: []byte(example.source)}})
			if err != nil {
				t.Fatal(err)
			}
			var violations []string
			for _, rule := range rules {
				violations = append(violations, rule.find(house)...)
			}
			switch {
			case example.want == "" && len(violations) > 0:
				t.Errorf("the walls refuse it: %q", violations)
			case example.want != "" && (len(violations) != 1 || !strings.Contains(violations[0], example.want)):
				t.Errorf("the walls say %q; want one line with %q", violations, example.want)
			}
		})
	}
}

func TestTwoPackageCommentsAreOneTooMany(t *testing.T) {
	t.Parallel()
	house, err := read(fstest.MapFS{
		"domain/access/a.go": {Data: []byte("// Package access is an example.\npackage access\n")},
		"domain/access/b.go": {Data: []byte("// Package access is another.\npackage access\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if violations := packageComments(house); len(violations) != 1 {
		t.Errorf("the walls say %q; want one line", violations)
	}
}
