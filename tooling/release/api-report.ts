import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { Extractor, ExtractorConfig, type IConfigFile } from '@microsoft/api-extractor'

/** The public surface of one entry point of a package, as API Extractor writes it down. */
export interface ApiReport {
  /** Where the accepted report is kept, from the package's folder. */
  readonly file: string
  readonly text: string
}

interface Manifest {
  readonly name: string
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, unknown>> }
}

/**
 * The reports of the package in a folder, one for each entry point that has types. The package has to be built: what
 * is read is the declarations that users get.
 */
export function apiReports(folder: string): ApiReport[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  return Object.entries(manifest.publishConfig?.exports ?? {}).flatMap(([name, target]) => {
    const types = (target as { readonly types?: string }).types
    if (types === undefined) return []
    const stem = name === '.' ? 'index' : name.slice(2).replaceAll('/', '-')
    return [{ file: `api/${stem}.api.md`, text: reportOf(folder, types, stem) }]
  })
}

/** The reports that are not what the package's folder holds, and those it holds for entry points that are gone. */
export function changedReports(folder: string): string[] {
  const reports = apiReports(folder)
  const changed = reports.filter(({ file, text }) => accepted(join(folder, file)) !== text)
  const expected = new Set(reports.map(({ file }) => file))
  const gone = globSync('api/*.api.md', { cwd: folder }).filter((file) => !expected.has(file))
  return [...changed.map(({ file }) => file), ...gone]
}

/** Writes the reports into the package's folder: the present public surface is the accepted one from now on. */
export function acceptReports(folder: string): void {
  rmSync(join(folder, 'api'), { recursive: true, force: true })
  for (const { file, text } of apiReports(folder)) {
    mkdirSync(join(folder, 'api'), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
}

function accepted(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function reportOf(folder: string, types: string, stem: string): string {
  const reports = mkdtempSync(join(tmpdir(), 'api-report-'))
  try {
    const extractorConfig = ExtractorConfig.prepare({
      configObject: configuration(folder, types, reports),
      configObjectFullPath: undefined,
      packageJsonFullPath: join(folder, 'package.json'),
    })
    Extractor.invoke(extractorConfig, {
      localBuild: true,
      // What it finds stands in the report itself.
      messageCallback: (message) => {
        message.handled = true
      },
    })
    return readFileSync(join(reports, `${basename(folder)}.api.md`), 'utf8')
  } catch (cause) {
    throw new Error(`API Extractor could not read ${relative(folder, types)} (${stem})`, { cause })
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
}

function configuration(folder: string, types: string, reports: string): IConfigFile {
  const entry = join(folder, types)
  return {
    projectFolder: folder,
    mainEntryPointFilePath: entry,
    newlineKind: 'lf',
    apiReport: {
      enabled: true,
      reportFolder: reports,
      reportTempFolder: join(reports, 'temp'),
      reportFileName: `${basename(folder)}.api.md`,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          module: 'nodenext',
          target: 'es2024',
          lib: ['es2024', 'esnext'],
          types: ['node'],
          typeRoots: [join(import.meta.dirname, '../../node_modules/@types')],
          skipLibCheck: true,
        },
        files: [entry],
      },
    },
  }
}
