-- Where a member of the portal was who did something.
ALTER TABLE activity ADD COLUMN address TEXT NOT NULL DEFAULT ''; -- of the network
