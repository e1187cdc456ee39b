SELECT 1;
PRAGMA user_version = 3;
