package schema

// UserURN is the core schema of users (RFC 7643 §4.1).
const UserURN = "urn:ietf:params:scim:schemas:core:2.0:User"

func user() *Schema {
	return &Schema{
		ID: UserURN, Name: "User", Description: "User Account",
		Attributes: append(userSingle(), userMany()...),
	}
}

// userSingle is RFC 7643 §4.1.1.
func userSingle() []Attribute {
	return []Attribute{
		text("userName", "Name that identifies the person in the organisation, such as the user principal name", required, unique, legible),
		complexOf("name", "The parts of the person's name", []Attribute{
			text("formatted", "The whole name, as it is shown"),
			text("familyName", "Family name"),
			text("givenName", "Given name"),
			text("middleName", "Middle names"),
			text("honorificPrefix", "What stands before the name, such as Dr"),
			text("honorificSuffix", "What stands after the name, such as III"),
		}),
		text("displayName", "Name by which the person is shown to others"),
		text("nickName", "Name by which the person is called"),
		reference("profileUrl", "Address of a page about the person", []string{"external"}),
		text("title", "Job title"),
		text("userType", "How the person belongs to the organisation, such as Employee or Contractor"),
		text("preferredLanguage", "Languages the person prefers, in the form of an Accept-Language header"),
		text("locale", "Language tag for dates, numbers and currency, such as en-AU"),
		text("timezone", "IANA time zone, such as Australia/Sydney"),
		boolean("active", "Whether the person may use the service"),
		text("password", "Accepted and not kept: nobody signs in to this service with it", writeOnly),
	}
}

// userMany is RFC 7643 §4.1.2.
func userMany() []Attribute {
	return []Attribute{
		complexOf("emails", "E-mail addresses",
			elements(text("value", "E-mail address"), "work", "home", "other"), many),
		complexOf("phoneNumbers", "Phone numbers",
			elements(text("value", "Phone number, kept as it was sent"), "work", "home", "mobile", "fax", "pager", "other"), many),
		complexOf("ims", "Addresses for instant messages",
			elements(text("value", "Address"), "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo", "other"), many),
		complexOf("photos", "Pictures of the person",
			elements(reference("value", "Address of the picture", []string{"external"}), "photo", "thumbnail"), many),
		complexOf("addresses", "Postal addresses", []Attribute{
			text("formatted", "The whole address, as on a label; may have several lines"),
			text("streetAddress", "Street, house number, PO box; may have several lines"),
			text("locality", "City or suburb"),
			text("region", "State or region"),
			text("postalCode", "Post code"),
			text("country", "Country, as an ISO 3166-1 code of two letters"),
			kind("work", "home", "other"),
			primary(),
		}, many),
		complexOf("groups", "Groups that the person is in; change them at the group", []Attribute{
			text("value", "Identifier of the group", exact, readOnly),
			reference("$ref", "Address of the group", []string{"Group"}, readOnly),
			text("display", "Name of the group", readOnly),
			text("type", "Whether the person is in the group itself or in one that is in it", canonical("direct", "indirect"), readOnly),
		}, many, readOnly),
		complexOf("entitlements", "What the person is entitled to", elements(text("value", "Entitlement")), many),
		complexOf("roles", "What the person is", elements(text("value", "Role")), many),
		complexOf("x509Certificates", "Certificates that were issued to the person",
			elements(binary("value", "One certificate, DER in base64")), many),
	}
}
