// Where the CLI finds how a configuration is cut into the settings of each portfolio; the configuration store cuts it the same way.

export { settingsOf } from '../../store/settings-of.ts'
