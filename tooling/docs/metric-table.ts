import { markdownTable } from '@cache/environment'
import { definitions, openTelemetryName } from '@cache/metrics'

/** Every metric as a table of Markdown. */
export function metricTable(): string {
  const rows = definitions.map((definition) => [
    `\`${definition.name}\``,
    `\`${openTelemetryName(definition)}\``,
    definition.kind,
    definition.labels.join(', '),
    definition.help,
  ])
  return markdownTable(['Prometheus', 'OpenTelemetry', 'kind', 'labels', 'what it counts'], rows)
}
