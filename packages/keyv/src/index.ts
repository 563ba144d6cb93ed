export { KeyvStore, type KeyvStoreEntry } from './keyv-store.ts'
