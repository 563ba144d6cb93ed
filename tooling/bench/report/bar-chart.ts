/** A bar: its label, its value, and whether it is ours, a floor or a peer. */
export interface Bar {
  readonly label: string
  readonly value: number
  /** The value as it is written. */
  readonly text: string
  readonly kind: 'ours' | 'floor' | 'peer'
}

const width = 760
const labelWidth = 330
const valueWidth = 70
const rowHeight = 22
const barHeight = 14
const top = 34
const colours = { ours: '#0f766e', floor: '#64748b', peer: '#b8c2cf' } as const

/**
 * Horizontal bars from 0, as SVG that reads on light and on dark ground. Where the largest is more than a hundred times
 * the least, lengths are logarithmic, which the title then says.
 */
export function barChart(title: string, bars: readonly Bar[]): string {
  const largest = Math.max(...bars.map(({ value }) => value))
  const least = Math.min(...bars.map(({ value }) => value))
  const isLogarithmic = least > 0 && largest / least > 100
  const lengthOf = isLogarithmic
    ? (value: number): number => Math.log10(value / least + 1) / Math.log10(largest / least + 1)
    : (value: number): number => value / largest
  const height = top + bars.length * rowHeight + 8
  const heading = isLogarithmic ? `${title} (logarithmic)` : title
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(heading)}">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#6b7280}.title{font-weight:600;font-size:14px}.ours{font-weight:600}</style>',
    `<text class="title" x="0" y="18">${escaped(heading)}</text>`,
    ...bars.map((bar, index) => row(bar, top + index * rowHeight, lengthOf(bar.value))),
    '</svg>',
    '',
  ].join('\n')
}

function row({ label, text, kind }: Bar, y: number, share: number): string {
  const length = Math.max(1, share * (width - labelWidth - valueWidth))
  const middle = y + barHeight - 3
  const strong = kind === 'ours' ? ' class="ours"' : ''
  return [
    `<text${strong} x="${labelWidth - 8}" y="${middle}" text-anchor="end">${escaped(label)}</text>`,
    `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2" fill="${colours[kind]}"/>`,
    `<text${strong} x="${(labelWidth + length + 6).toFixed(1)}" y="${middle}">${escaped(text)}</text>`,
  ].join('')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
