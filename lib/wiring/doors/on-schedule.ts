// The door for schedules: runs the flow, logs what failed, and fails the invocation so that the alarm sees it.

import { errorFacts, jsonLog } from '../log.ts'

export function onSchedule(run: () => Promise<void>): () => Promise<void> {
  return async () => {
    try {
      await run()
    } catch (error) {
      jsonLog.line('schedule.failed', errorFacts(error))
      throw error
    }
  }
}
