// Colours on a terminal only: picocolors also turns them on where a CI variable is set, and logs are read by people, too.

import pc from 'picocolors'

const isTerminal = process.stdout.isTTY === true && process.stderr.isTTY === true

export const colours = pc.createColors(isTerminal && pc.isColorSupported)
