export {
  cacheEnvironment,
  cachesFromEnvironment,
  checkedVariables,
  environmentProtection,
  processEnvironment,
  type CacheEnvironment,
  type EnvironmentOptions,
} from './cache-environment.ts'
export { BackendRegistry, type BackendProvider, type BackendRequest } from './backend-registry.ts'
export { isInstalled } from './backend-registry.ts'
export { faultsTogether, type ReadCacheVariables } from './check-together.ts'
export { environmentOptions } from './environment-options.ts'
export {
  chooseBackend,
  type BackendChoice,
  type ChoiceReason,
  type ChoiceRequest,
  type ChosenBackend,
} from './choose-backend.ts'
export { cacheVariables, type CacheVariableName, type CacheVariableValues } from './cache-variables.ts'

// For applications that describe settings of their own in the same way.
export { findPackage, loadFunction, loadPackage, packageRoots } from './installed-package.ts'
export { nearestName } from './nearest-name.ts'
export { readVariables, type ReadVariables, type VariableSource } from './read-variables.ts'
export { VariableFault, type Reader } from './readers.ts'
export { envTemplate, markdownTable, variableTables } from './template.ts'
export {
  variablesOf,
  type Variable,
  type VariableGroups,
  type VariableName,
  type VariableValues,
} from './variable.ts'
