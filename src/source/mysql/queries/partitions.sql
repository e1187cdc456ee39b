-- How tables are partitioned, and in how many partitions.
SELECT table_name, max(partition_method), max(partition_expression), count(DISTINCT partition_name)
FROM information_schema.partitions
WHERE table_schema = database() AND partition_method IS NOT NULL AND partition_method <> 'SYSTEM_TIME'
GROUP BY table_name
