import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'
import { root, writePage } from './pages.ts'

interface Manifest {
  readonly name: string
  readonly description?: string
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, { readonly types?: string }>> }
}

/** One entry point of a package, with the declarations that its build made and the accepted report of its surface. */
interface EntryPoint {
  readonly specifier: string
  readonly folder: string
  readonly types: string
  readonly report: string
}

interface Declaration {
  readonly name: string
  readonly summary: string
  readonly code: string
}

/** Writes a page for each package: what its accepted reports say that it exports, with its documentation. */
export function writeReference(): void {
  const lines: string[] = ['# Reference', '']
  for (const file of globSync('packages/*/package.json', { cwd: root }).toSorted()) {
    const folder = join(root, dirname(file))
    const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest
    const page = dirname(file).slice('packages/'.length)
    const sections = entryPoints(folder, manifest).map((entry) => section(entry))
    writePage(
      `reference/${page}.md`,
      `# ${manifest.name}\n\n${manifest.description ?? ''}\n\n${sections.join('\n\n')}\n`,
    )
    lines.push(`- [${manifest.name}](/reference/${page}): ${manifest.description ?? ''}`)
  }
  writePage('reference/index.md', `${lines.join('\n')}\n`)
}

function entryPoints(folder: string, manifest: Manifest): EntryPoint[] {
  return Object.entries(manifest.publishConfig?.exports ?? {}).flatMap(([path, { types }]) => {
    if (types === undefined) return []
    const stem = path === '.' ? 'index' : path.slice(2).replaceAll('/', '-')
    const report = readFileSync(join(folder, `api/${stem}.api.md`), 'utf8')
    return [{ specifier: `${manifest.name}${path.slice(1)}`, folder, types: join(folder, types), report }]
  })
}

function section(entry: EntryPoint): string {
  const found = new Map(declarations(rolledUp(entry)).map((declaration) => [declaration.name, declaration]))
  const parts = reportedNames(entry.report).map((name) => {
    const declaration = found.get(name)
    if (declaration === undefined)
      throw new Error(`${entry.specifier} has no ${name}, which its report lists`)
    return `### ${name}\n\n${declaration.summary}\n\n\`\`\`ts\n${declaration.code}\n\`\`\``
  })
  return [`## \`${entry.specifier}\``, ...parts, ...passedOn(entry.report)].join('\n\n')
}

/** The names that an entry point declares and exports, in order. */
function reportedNames(report: string): string[] {
  const pattern = /^export (?:declare )?(?:abstract )?(?:interface|type|function|class|const) (\w+)/gm
  return [...new Set(Array.from(report.matchAll(pattern), ([, name]) => name ?? ''))].toSorted((one, other) =>
    one.localeCompare(other),
  )
}

/** What an entry point exports of other packages. */
function passedOn(report: string): string[] {
  return Array.from(report.matchAll(/^export \* from "@cache\/([\w-]+)"/gm), ([, name = '']) => {
    return `And everything of [@cache/${name}](/reference/${name}).`
  })
}

/** What the entry point exports, in one file of declarations. */
function rolledUp({ folder, types }: EntryPoint): string {
  const output = mkdtempSync(join(tmpdir(), 'reference-'))
  try {
    const file = join(output, 'index.d.ts')
    const extractorConfig = ExtractorConfig.prepare({
      configObject: {
        projectFolder: folder,
        mainEntryPointFilePath: types,
        newlineKind: 'lf',
        apiReport: { enabled: false },
        docModel: { enabled: false },
        dtsRollup: { enabled: true, untrimmedFilePath: file },
        tsdocMetadata: { enabled: false },
        compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
      },
      configObjectFullPath: undefined,
      packageJsonFullPath: join(folder, 'package.json'),
    })
    Extractor.invoke(extractorConfig, {
      localBuild: true,
      messageCallback: (message) => {
        message.handled = true
      },
    })
    return readFileSync(file, 'utf8')
  } finally {
    rmSync(output, { recursive: true, force: true })
  }
}

const compilerOptions = {
  module: 'nodenext',
  target: 'es2024',
  lib: ['es2024', 'esnext'],
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  skipLibCheck: true,
}

/** The exported declarations of a file, by name. Each begins at the start of a line. */
function declarations(text: string): Declaration[] {
  const pattern =
    /^(?<comment>\/\*\*(?:(?!\*\/)[^])*\*\/\n)?(?<code>export declare (?:abstract )?(?:interface|type|function|class|const) (?<name>\w+)(?:(?!\n(?:\/\*\*(?:(?!\*\/)[^])*\*\/\n)?(?:export |declare ))[^])*)/gm
  const found = Array.from(text.matchAll(pattern), ({ groups }) => {
    const { name = '', code = '', comment = '' } = groups ?? {}
    return { name, summary: prose(comment), code: code.replace(/^export declare /, '').trim() }
  })
  return found.toSorted((one, other) => one.name.localeCompare(other.name))
}

/** The text of a documentation comment. */
function prose(comment: string): string {
  return comment
    .replaceAll(/^\s*\/?\*+\/? ?|\s*\*\/$/gm, '')
    .replaceAll(/\{@link ([\w.]+)\}/g, '`$1`')
    .replaceAll(/^@throws /gm, '**Throws** ')
    .replaceAll('<', '&lt;')
    .trim()
}
