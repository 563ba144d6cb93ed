import { unitOf, type Variable, type VariableGroups } from './variable.ts'

/** The text of a `.env` template: every variable with its default, commented out. */
export function envTemplate(groups: VariableGroups, title: string): string {
  const sections = Object.entries(groups).map(([heading, group]) => {
    const lines = Object.entries(group).map(
      ([name, variable]) => `# ${described(variable)}\n# ${name}=${quoted(variable.fallback)}`,
    )
    return `## ${heading}\n\n${lines.join('\n\n')}\n`
  })
  return `# ${title}\n\n${sections.join('\n')}`
}

/** The variables as tables of Markdown, one for each group; `level` is that of the headings. */
export function variableTables(groups: VariableGroups, level = 3): string {
  return Object.entries(groups)
    .map(([heading, group]) => {
      const rows = Object.entries(group).map(([name, variable]) => [
        `\`${name}\``,
        variable.fallback === '' ? '' : `\`${variable.fallback}\``,
        described(variable).replaceAll('|', '\\|'),
      ])
      return `${'#'.repeat(level)} ${heading}\n\n${markdownTable(['variable', 'default', 'what it does'], rows)}`
    })
    .join('\n\n')
}

/** A table with aligned columns, as the formatter writes it. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) =>
    Math.max(3, cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

function described(variable: Variable): string {
  const { about, alias } = variable
  const unit = unitOf(variable)
  const other = alias === undefined ? '' : ` Also read as ${alias}.`
  return `${about}${unit === undefined ? '' : ` In ${unit}.`}${other}`
}

function quoted(value: string): string {
  return value.includes(' ') ? `"${value}"` : value
}
