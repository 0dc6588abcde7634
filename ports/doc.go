// Package ports holds the interfaces between the application and what it is built upon: ports in Cockburn's sense
// (what the hexagon needs of the outside), not the inbound handlers that some Go projects call ports. One file is
// one conversation. Comments name the faults (package fault); a rule is tested in portstest or it is no rule.
package ports
