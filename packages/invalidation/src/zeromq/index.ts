export { zeromq, type ZeromqOptions } from './zeromq.ts'
