export { shareSymbols } from './shared-symbols.ts'
export type { SharedSymbols, ShareOptions, ShareStatus } from './shared-symbols.ts'
export type { Publication } from './publication.ts'
