-- Groups that are members of groups.
CREATE TABLE nestings (
  organisation_id TEXT NOT NULL,
  group_id        TEXT NOT NULL,
  member_id       TEXT NOT NULL,
  PRIMARY KEY (organisation_id, group_id, member_id),
  FOREIGN KEY (organisation_id, group_id) REFERENCES groups ON DELETE CASCADE,
  FOREIGN KEY (organisation_id, member_id) REFERENCES groups ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX nestings_member ON nestings (organisation_id, member_id, group_id);
