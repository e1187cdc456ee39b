-- Statements of other sessions that run now, and the seconds of the longest; with the privilege PROCESS alone, which the second
-- table asks for. That of transactions is not read here: InnoDB does not refresh it while it is read again and again.
SELECT count(*), max(p.time)
FROM information_schema.processlist AS p
WHERE p.command IN ('Query', 'Execute', 'Fetch') AND p.id <> connection_id()
    AND (SELECT count(*) FROM information_schema.innodb_cmp) >= 0
