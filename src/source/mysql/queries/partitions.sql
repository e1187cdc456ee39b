-- The partitions of tables, in their order; of one with subpartitions the first row stands for all.
SELECT table_name, partition_name, partition_method, partition_expression, partition_description, subpartition_method,
       subpartition_expression
FROM information_schema.partitions
WHERE table_schema = database() AND partition_method IS NOT NULL AND partition_method <> 'SYSTEM_TIME'
  AND coalesce(subpartition_ordinal_position, 1) = 1
ORDER BY table_name, partition_ordinal_position
