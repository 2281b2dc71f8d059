-- The finding that the first use of an idempotency key created; none if its input was another one.
WITH finding AS (
  SELECT f.* FROM idempotency_keys k
  JOIN findings f ON f.organization_id = k.organization_id AND f.id = k.record_id
  WHERE k.organization_id = $1 AND k.user_id = $2 AND k.key = $3 AND k.fingerprint = $4
)
