import type { z } from 'zod'

import { type FieldFaults, RequestFault } from './request-fault.ts'

/** What a schema makes of a body or query; a fault with OpenAlgo's words for each field otherwise. */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value ?? {})
  if (result.success) return result.data
  const fields = fieldFaults(result.error, value)
  const message = Object.entries(fields)
    .map(([field, faults]) => (field === '_schema' ? faults.join(' ') : `${field}: ${faults.join(' ')}`))
    .join(' ')
  throw new RequestFault(400, message, { fields })
}

function fieldFaults(error: z.ZodError, value: unknown): FieldFaults {
  const faults: Record<string, string[]> = {}
  for (const issue of error.issues) {
    const field = issue.path.length === 0 ? '_schema' : issue.path.join('.')
    const known = faults[field] ?? []
    faults[field] = [...known, textOf(issue, valueAt(value, issue.path))]
  }
  return faults
}

function textOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_type') {
    return value === undefined
      ? 'Missing data for required field.'
      : `Not a valid ${typeName(issue.expected)}.`
  }
  if (issue.code === 'invalid_value') {
    if (value === undefined) return 'Missing data for required field.'
    return `Must be one of: ${issue.values.join(', ')}.`
  }
  return issue.message
}

function typeName(expected: string): string {
  if (expected === 'object' || expected === 'record') return 'object'
  return expected === 'array' ? 'list' : expected
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  )
}
