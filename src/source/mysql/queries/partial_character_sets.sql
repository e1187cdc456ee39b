-- The columns of text whose character set has bytes without a character: all character sets but those of Unicode, and those in
-- which each byte is a character (tried with MariaDB 10.11 and MySQL 9).
SELECT table_name, column_name, character_set_name
FROM information_schema.columns
WHERE table_schema = database()
  AND data_type IN ('char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext')
  AND character_set_name NOT IN ('utf8', 'utf8mb3', 'utf8mb4', 'ucs2', 'utf16', 'utf16le', 'utf32', 'latin1', 'latin2', 'latin5',
      'latin7', 'cp850', 'cp852', 'cp866', 'koi8r', 'koi8u', 'keybcs2', 'macce', 'macroman', 'armscii8', 'binary')
