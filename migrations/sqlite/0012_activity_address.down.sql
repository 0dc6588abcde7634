ALTER TABLE activity DROP COLUMN address;
