package schema

// EnterpriseURN is the extension of users that belong to a business (RFC 7643 §4.3).
const EnterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

func enterprise() *Schema {
	return &Schema{
		ID: EnterpriseURN, Name: "EnterpriseUser", Description: "Enterprise User",
		Attributes: []Attribute{
			text("employeeNumber", "Number or code that the organisation gave the person"),
			text("costCenter", "Cost centre"),
			text("organization", "Organisation"),
			text("division", "Division"),
			text("department", "Department"),
			complexOf("manager", "The person's manager", []Attribute{
				text("value", "Identifier of the manager, who is a user too", exact),
				reference("$ref", "Address of the manager", []string{"User"}),
				text("displayName", "Name of the manager", readOnly),
			}),
		},
	}
}
