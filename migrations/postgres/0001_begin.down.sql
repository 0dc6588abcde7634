-- The role extraordinary_app stays: other databases of the cluster may use it.
DROP TABLE activity;
DROP TABLE memberships;
DROP TABLE groups;
DROP TABLE user_emails;
DROP TABLE users;
DROP TABLE secrets;
DROP TABLE credentials;
DROP TABLE organisations;
DROP TABLE registry;
