DROP TABLE export_parts;
DROP TABLE exports;
DROP TABLE id_health;
DROP INDEX activity_people;
DROP INDEX users_off_since;
DROP INDEX users_name_fold;
ALTER TABLE users DROP COLUMN off_since;
ALTER TABLE users DROP COLUMN nickname_fold;
ALTER TABLE users DROP COLUMN name_fold;
