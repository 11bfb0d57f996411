// The report that the portfolio's memory was left by: the newest one in the order of assessment, which a list by whole seconds cannot tell.

import type { WatchStore } from '../model/ports.ts'
import type { Report } from '../model/report.ts'

/** Undefined if the portfolio was never assessed, or its last report has expired. */
export async function newestReport(watch: WatchStore, portfolioId: string): Promise<Report | undefined> {
  const memory = await watch.memory(portfolioId)
  return memory?.lastReportId === undefined ? undefined : watch.report(portfolioId, memory.lastReportId)
}
