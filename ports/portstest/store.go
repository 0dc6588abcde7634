// Package portstest holds what each adapter of a port must do, as suites that all of them run.
package portstest

import (
	"testing"

	"github.com/extraordinary/provisioning/ports"
)

// Store checks a ports.Store. open gives an empty store whose tables are there, and registers its own cleanup.
func Store(t *testing.T, open func(t *testing.T) ports.Store) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, ports.Store){
		"what a unit did is there when it returns":              commits,
		"an error rolls the unit back and is what it returns":   rollsBack,
		"a panic rolls the unit back and reaches the caller":    survivesPanics,
		"a unit that is cancelled before it begins never runs":  leavesOutCancelled,
		"a unit without an organisation is refused":             refusesNowhere,
		"a view refuses to write":                               refusesWritesInViews,
		"a view sees one state":                                 seesOneState,
		"units that fail do not hurt those beside them":         keepsNeighbours,
		"nothing of a unit is seen before it is committed":      hidesUncommitted,
		"every method keeps to its organisation":                isolates,
		"the same names and ids may be in two organisations":    repeatsAcrossOrganisations,
		"a user is read as it was written":                      readsUsers,
		"a group is read as it was written":                     readsGroups,
		"what is not there is not found":                        findsNothing,
		"a change is saved once and from the version it was of": savesVersions,
		"a user name is taken whatever its case":                refusesTakenUserNames,
		"a group's name is taken whatever its case":             refusesTakenGroupNames,
		"a name that was given up is free":                      freesNames,
		"a user goes with its memberships":                      deletesUsers,
		"a group goes with its memberships":                     deletesGroups,
		"members are added once":                                addsMembers,
		"only users of the organisation become members":         refusesStrangers,
		"members are taken out":                                 removesMembers,
		"members are read in the order of their ids":            ordersMembers,
		"a reader of members may use the unit":                  readsWhileReading,
		"a user's groups are read in the order of their ids":    ordersGroups,
		"members stay when a group is saved":                    keepsMembers,
		"groups are members of groups, and users of those":      nestsGroups,
		"schemas of an organisation's own are kept":             keepsExtensions,
		"a value that must be unique is taken once":             refusesTakenValues,
		"a value that was given up is free":                     freesValues,
		"values stay unique whatever is done":                   keepsValuesUnique,
		"of many who take a value at once, one gets it":         racesForValues,
		"activity tells where members were":                     tellsWhereMembersWere,
		"activity is written with the change or not at all":     recordsWithTheChange,
		"activity is read as it was written, the newest first":  readsActivity,
		"all activity is read, the oldest first":                readsTheWholeJournal,
		"nobody writes in an organisation that is not there":    refusesUnknownOrganisations,
		"an organisation is erased step by step":                erasesOrganisations,
		"a page holds what it should and the total":             pages,
		"all resources are read in the order of their ids":      readsAll,
		"pages stay right while resources come and go":          pagesWhileChanging,
		"a filter is found by every attribute":                  filters,
		"a filter sees what was saved last":                     filtersAfterChanges,
		"memory and store agree about any filter":               agrees,
		"credentials are read as they were written":             readsCredentials,
		"a credential's name is free once it is revoked":        namesCredentials,
		"a secret's use is noted once a minute":                 notesUse,
		"an organisation's record is read as it was written":    readsOrganisations,
		"a slug is taken once":                                  refusesTakenSlugs,
		"of many who take a name at once, one gets it":          racesForNames,
		"of many who add members at once, none is lost":         racesForMembers,
	})
}

func run[S any](t *testing.T, open func(t *testing.T) S, checks map[string]func(*testing.T, S)) {
	t.Helper()
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}
