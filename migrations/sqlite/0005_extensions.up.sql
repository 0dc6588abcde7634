-- The schemas of an organisation's own (RFC 7643 §3.3).
CREATE TABLE extensions (
  organisation_id TEXT    NOT NULL,
  ordinal         INTEGER NOT NULL, -- the order of their making
  urn_fold        TEXT    NOT NULL,
  resource_type   TEXT    NOT NULL,
  definition      TEXT    NOT NULL, -- JSON, as RFC 7643 §7 writes it
  PRIMARY KEY (organisation_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX extensions_urn_fold ON extensions (organisation_id, urn_fold);

-- How often they have changed; what is known of it where tokens are checked stands beside the limit.
ALTER TABLE organisations ADD COLUMN schemas INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token_limits ADD COLUMN schemas INTEGER NOT NULL DEFAULT 0;
