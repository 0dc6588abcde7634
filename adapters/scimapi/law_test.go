package scimapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Laws hold for every answer of every conversation, so that no conversation has to say them again.

var (
	traceID   = regexp.MustCompile(`^[0-9a-f]{32}$`)
	scimTypes = []string{
		"invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget",
		"invalidValue", "invalidVers", "sensitive", "invalidCursor", "expiredCursor", "invalidCount",
	}
)

// lawful holds that an answer is one of SCIM's: of its media type, without a null, an error in its form, a resource
// with its address and its version.
func lawful(heard answer, base string) error {
	kind := heard.header.Get("Content-Type")
	if heard.status == http.StatusNoContent {
		if len(heard.body) > 0 || kind != "" {
			return fmt.Errorf("204 with a body of %d bytes and the Content-Type %q", len(heard.body), kind)
		}
		return nil
	}
	if kind != "application/scim+json;charset=utf-8" {
		return fmt.Errorf("the Content-Type is %q", kind)
	}
	var body map[string]any
	if err := json.Unmarshal(heard.body, &body); err != nil {
		return err
	}
	if path, found := null("body", body); found {
		return fmt.Errorf("%s is null", path)
	}
	if heard.status >= http.StatusBadRequest {
		return lawfulError(heard, body)
	}
	return lawfulAnswer(heard, base, body)
}

func null(path string, value any) (where string, found bool) {
	switch value := value.(type) {
	case nil:
		return path, true
	case []any:
		for i, v := range value {
			if where, found := null(fmt.Sprintf("%s[%d]", path, i), v); found {
				return where, true
			}
		}
	case map[string]any:
		for name, v := range value {
			if where, found := null(path+"."+name, v); found {
				return where, true
			}
		}
	}
	return "", false
}

// lawfulError holds RFC 7644 §3.12.
func lawfulError(heard answer, body map[string]any) error {
	if schemas, _ := body["schemas"].([]any); len(schemas) != 1 || schemas[0] != "urn:ietf:params:scim:api:messages:2.0:Error" {
		return fmt.Errorf("the schemas of an error are %v", body["schemas"])
	}
	if body["status"] != strconv.Itoa(heard.status) {
		return fmt.Errorf("status %v in an answer of %d", body["status"], heard.status)
	}
	if scimType, there := body["scimType"]; there && !slices.Contains(scimTypes, fmt.Sprint(scimType)) {
		return fmt.Errorf("the scimType %v is not defined", scimType)
	}
	detail, _ := body["detail"].(string)
	if len(detail) < len("too short") || strings.ContainsAny(detail, "\n\x00") || strings.Contains(detail, "%!") {
		return fmt.Errorf("the detail %q helps nobody", detail)
	}
	if id, _ := body["traceId"].(string); !traceID.MatchString(id) {
		return fmt.Errorf("the traceId is %v", body["traceId"])
	}
	return nil
}

// lawfulAnswer holds that what was asked for came: one resource with its headers, or a list of resources.
func lawfulAnswer(heard answer, base string, body map[string]any) error {
	if page, isList := body["Resources"].([]any); isList {
		if body["itemsPerPage"] != float64(len(page)) {
			return fmt.Errorf("itemsPerPage is %v, and there are %d", body["itemsPerPage"], len(page))
		}
		for _, one := range page {
			if resource, _ := one.(map[string]any); resource["meta"] != nil {
				if err := lawfulResource(base, resource); err != nil {
					return err
				}
			}
		}
		return nil
	}
	meta, whole := body["meta"].(map[string]any)
	if !whole {
		return nil
	}
	if etag := heard.header.Get("ETag"); meta["version"] != nil && etag != meta["version"] {
		return fmt.Errorf("the ETag is %q and meta.version %v", etag, meta["version"])
	}
	if heard.status == http.StatusCreated && heard.header.Get("Location") != meta["location"] {
		return fmt.Errorf("the Location is %q and meta.location %v", heard.header.Get("Location"), meta["location"])
	}
	return lawfulResource(base, body)
}

var endpoints = map[any]string{
	"User": "/Users/", "Group": "/Groups/", "Schema": "/Schemas/", "ResourceType": "/ResourceTypes/",
	"ServiceProviderConfig": "/ServiceProviderConfig",
}

// lawfulResource holds RFC 7643 §3.1 and RFC 7644 §3.14.
func lawfulResource(base string, resource map[string]any) error {
	meta, _ := resource["meta"].(map[string]any)
	id, _ := resource["id"].(string)
	if want := base + endpoints[meta["resourceType"]] + id; meta["location"] != want {
		return fmt.Errorf("meta.location is %v, expected %s", meta["location"], want)
	}
	if meta["resourceType"] != "User" && meta["resourceType"] != "Group" {
		return nil // descriptions have no history
	}
	created, err := time.Parse(time.RFC3339Nano, fmt.Sprint(meta["created"]))
	if err != nil {
		return err
	}
	modified, err := time.Parse(time.RFC3339Nano, fmt.Sprint(meta["lastModified"]))
	if err != nil || modified.Before(created) || modified.Location() != time.UTC {
		return fmt.Errorf("meta.created is %v and lastModified %v", meta["created"], meta["lastModified"])
	}
	if version, _ := meta["version"].(string); !entityTag.MatchString(version) || (version == `W/"1"`) != created.Equal(modified) {
		return fmt.Errorf("meta.version is %v of what was created %v and changed %v", meta["version"], meta["created"], meta["lastModified"])
	}
	return nil
}

var entityTag = regexp.MustCompile(`^W/"[1-9][0-9]*"$`)

// fresh holds that the answer to a write is what a GET reads afterwards, byte for byte: Microsoft's own reference
// server answered with what had been there before (azure-docs#60316).
func fresh(who *tenant, method, path string, wrote answer) error {
	if method == http.MethodGet || strings.Contains(path, "?") || wrote.status != http.StatusOK && wrote.status != http.StatusCreated {
		return nil
	}
	var body struct{ Meta struct{ Location string } }
	if err := json.Unmarshal(wrote.body, &body); err != nil {
		return err
	}
	if body.Meta.Location == "" { // it wrote no resource, or several
		return nil
	}
	read, err := who.send(http.MethodGet, strings.TrimPrefix(body.Meta.Location, who.base), nil, nil)
	if err != nil {
		return err
	}
	if !bytes.Equal(read.body, wrote.body) || read.header.Get("ETag") != wrote.header.Get("ETag") {
		return fmt.Errorf("the answer is not what a GET reads\nanswer: %s\nGET:    %s", wrote.body, read.body)
	}
	return nil
}
