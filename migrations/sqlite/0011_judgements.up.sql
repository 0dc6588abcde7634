-- What members of the portal say of people's Employee IDs: an earlier one is still theirs, a problem is known.
CREATE TABLE judgements (
  organisation_id TEXT    NOT NULL,
  user_id         TEXT    NOT NULL,
  about           TEXT    NOT NULL, -- 'id-earlier', or the problem
  employee_id     TEXT    NOT NULL, -- that it was said of
  reason          TEXT    NOT NULL,
  made_by         TEXT    NOT NULL,
  made_at         INTEGER NOT NULL,
  until           INTEGER,          -- NULL: as long as the person has the ID
  PRIMARY KEY (organisation_id, user_id, about, employee_id),
  FOREIGN KEY (organisation_id, user_id) REFERENCES users ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
