import { CacheError } from '@cache/ports'
import type { StandardSchemaV1 } from '@standard-schema/spec'

/**
 * The value as the schema gives it out. A schema must accept its own output, because stored values are checked
 * again when they are read.
 *
 * @throws CacheError `VALIDATION_FAILED`; the message names where in the value, never the value.
 */
export async function validated<V>(
  schema: StandardSchemaV1<unknown, V>,
  value: unknown,
  { name, policy }: { readonly name: string; readonly policy: { readonly sensitive: boolean } },
): Promise<V> {
  const result = await schema['~standard'].validate(value)
  if (!result.issues) return result.value
  // The names in a sensitive value may be secrets themselves.
  const paths = policy.sensitive
    ? `${result.issues.length} places`
    : result.issues.map((issue) => issuePath(issue)).join(', ')
  throw new CacheError(
    'VALIDATION_FAILED',
    `A value of the cache '${name}' does not fit its schema at ${paths}`,
  )
}

function issuePath(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((segment) =>
    String(typeof segment === 'object' ? segment.key : segment),
  )
  return path.length === 0 ? 'its root' : `'${path.join('.')}'`
}
