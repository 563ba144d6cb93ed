export { valkey, type ValkeyClient, type ValkeyOptions } from './valkey.ts'
