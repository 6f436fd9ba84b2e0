#include "sqlite/job_row.h"

#include "sql/statements.h"

namespace rowferry::sqlite {
namespace {

JobRecord ReadJob(const Record& row) {
  JobRecord job;
  job.name = row[0].bytes;
  job.source = row[1].bytes;
  job.target = row[2].bytes;
  job.mode = row[3].bytes;
  job.fingerprint = row[4].bytes;
  job.state = ParseJobState(row[5].bytes).value_or(JobState::kFailed);
  job.message = row[6].bytes;
  job.epoch = row[7].integer;
  job.owner_host = row[8].bytes;
  job.owner_pid = row[9].integer;
  job.created_at = row[10].integer;
  job.started_at = row[11].integer;
  job.heartbeat_at = row[12].integer;
  job.finished_at = row[13].integer;
  job.runs = row[14].integer;
  job.settings = row[15].bytes;
  return job;
}

Record Parameters(const JobRecord& job) {
  return {Value::Text(job.name),
          Value::Text(job.source),
          Value::Text(job.target),
          Value::Text(job.mode),
          Value::Text(job.fingerprint),
          Value::Text(std::string(JobStateName(job.state))),
          Value::Text(job.message),
          Value::Integer(job.epoch),
          Value::Text(job.owner_host),
          Value::Integer(job.owner_pid),
          Value::Integer(job.created_at),
          Value::Integer(job.started_at),
          Value::Integer(job.heartbeat_at),
          Value::Integer(job.finished_at),
          Value::Integer(job.runs),
          Value::Text(job.settings)};
}

}  // namespace

std::vector<JobRecord> ReadJobs(Session& session) {
  std::vector<JobRecord> jobs;
  for (const Record& row : session.Rows(sql::sqlite::jobs)) jobs.push_back(ReadJob(row));
  return jobs;
}

void InsertJob(Session& session, const JobRecord& job) {
  session.Run(sql::sqlite::put_job, Parameters(job));
}

}  // namespace rowferry::sqlite
