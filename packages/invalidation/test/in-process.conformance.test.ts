import { testTransport } from '@cache/conformance/vitest'
import { inProcess } from '../src/index.ts'

let places = 0

testTransport({
  name: 'in process',
  publishedBy: 'engine',
  create: async () => {
    const channel = `place ${places++}`
    return { transport: () => inProcess({ channel }), cleanup: async () => undefined }
  },
})
