export { openAddress, type Address } from './address.ts'
export { places, processPlaces, serverPlaces, type Place } from './places.ts'
export { Child } from './child.ts'
