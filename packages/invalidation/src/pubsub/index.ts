export { pubSub, type PubSubBackend, type PubSubOptions } from './pub-sub.ts'
