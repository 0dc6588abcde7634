DROP TABLE mails_due;
DROP TABLE mails;
