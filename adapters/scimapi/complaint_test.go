package scimapi_test

import (
	"slices"
	"strings"
	"testing"
)

// complaints is how other SCIM servers broke under Entra, one issue each (entra.md, section 4; the owners of the
// repositories are listed there).
const complaints = `
azure-docs#11784 azure-docs#30269 azure-docs#59214 azure-docs#60316 azure-docs#69431 azure-docs#73841 bytebase#19073
cloudflare-docs#18257 directory-scimple#436 langfuse#13528 langwatch#616 laravel-scim-server#34 lightdash#23037
lightdash#24404 Octopus#9841 ory/polis#4067 rancher#52996 SCIMReferenceCode#10 SCIMReferenceCode#21 SCIMReferenceCode#48
SCIMReferenceCode#60 SCIMReferenceCode#63 SCIM-SDK#149 SCIM-SDK#267 SCIM-SDK#416 scim-for-keycloak#73
scim-for-keycloak#87 scim-for-keycloak#119 scim-patch#132 scim-patch#176 scim-patch#187 scim-patch#872 scim-patch#959
scim2#174 scim2#267 scimgateway#18 scimgateway#89 scimitar#43 scimitar#123 scimmy#59 scimmy#86 SimpleIdServer#244
SimpleIdServer#494 sourcegraph#49200 sourcegraph#49325 ssoready#155 ssoready#182 suna#7302 wire-server#5419`

// TestEveryComplaintHasItsConversation holds the list against the sources that conversations name. Those about the
// renewal of tokens are in auth_test.go.
func TestEveryComplaintHasItsConversation(t *testing.T) {
	t.Parallel()
	var cited []string
	for _, talk := range conversations(t, entraFolder) {
		cited = append(cited, strings.FieldsFunc(talk.Source, func(r rune) bool { return strings.ContainsRune(" ,;:()", r) })...)
	}
	for _, complaint := range strings.Fields(complaints) {
		if !slices.Contains(cited, complaint) {
			t.Errorf("no conversation says that it holds %s", complaint)
		}
	}
}
