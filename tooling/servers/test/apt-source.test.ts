import { expect, it } from 'vitest'

import { aptStanza, findAptSource } from '../src/apt-source.ts'

const stanzas = `Types: deb
# a comment
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/a.gpg

Types: deb
URIs: http://mirror.test/security
Suites: bookworm-security
Components: main
`

it('finds the entry of a release among stanzas', () => {
  const source = findAptSource([{ name: 'debian.sources', text: stanzas }], 'bookworm')
  expect(source).toEqual({
    uris: 'http://mirror.test/debian',
    components: 'main',
    signedBy: '/usr/share/keyrings/a.gpg',
  })
})

it('finds it among lines', () => {
  const text =
    '# deb http://off.test/debian bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian bookworm main contrib\n'
  expect(findAptSource([{ name: 'sources.list', text }], 'bookworm')).toEqual({
    uris: 'http://mirror.test/debian',
    components: 'main contrib',
    signedBy: '/k.gpg',
  })
})

it('passes over entries that are off, of sources, or of another suite', () => {
  const off = stanzas.replaceAll('Types: deb', 'Enabled: no\nTypes: deb')
  expect(findAptSource([{ name: 'a.sources', text: off }], 'bookworm')).toBeUndefined()
  expect(
    findAptSource([{ name: 'a.sources', text: stanzas.replaceAll('deb\n', 'deb-src\n') }], 'bookworm'),
  ).toBeUndefined()
  expect(findAptSource([{ name: 'a.sources', text: stanzas }], 'trixie')).toBeUndefined()
})

it('writes an entry with the same source and other suites', () => {
  const source = { uris: 'http://mirror.test/debian', components: 'main', signedBy: '/k.gpg' }
  expect(aptStanza(source, ['bookworm', 'bookworm-backports'])).toBe(
    'Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm bookworm-backports\nComponents: main\nSigned-By: /k.gpg\n',
  )
  expect(findAptSource([{ name: 'x.sources', text: aptStanza(source, ['bookworm']) }], 'bookworm')).toEqual(
    source,
  )
})
