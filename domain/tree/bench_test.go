package tree_test

import (
	"encoding/json"
	"testing"

	"github.com/extraordinary/provisioning/domain/tree"
)

// entraUser is what Entra sends to create a user with its default mappings.
const entraUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
	`"externalId":"E-1001","userName":"mia.chen@example.com","active":true,"displayName":"Mia Chen","title":"Engineer",` +
	`"emails":[{"primary":true,"type":"work","value":"mia.chen@example.com"}],"meta":{"resourceType":"User"},` +
	`"name":{"formatted":"Mia Chen","familyName":"Chen","givenName":"Mia"},"preferredLanguage":"en-AU",` +
	`"phoneNumbers":[{"type":"mobile","value":"+61 400 000 000"},{"type":"work","value":"+61 2 0000 0000"}],` +
	`"addresses":[{"type":"work","streetAddress":"1 George St\nLevel 2","locality":"Sydney","region":"NSW","postalCode":"2000","country":"AU"}],` +
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"1001","department":"R\u0026D","manager":{"value":"0190a7c2-0000-7000-8000-000000000001"}}}`

func BenchmarkParse(b *testing.B) {
	data := []byte(entraUser)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tree.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodingJSON(b *testing.B) {
	data := []byte(entraUser)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	v, err := tree.Parse([]byte(entraUser))
	if err != nil {
		b.Fatal(err)
	}
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		buffer = tree.Append(buffer[:0], v)
	}
}
