export { memory, type Memory } from './memory-backend.ts'
export type { MemoryOptions } from './memory-options.ts'
export type { ByteSize } from './byte-size.ts'
