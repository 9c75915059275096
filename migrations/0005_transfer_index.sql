-- Ending or forgetting a task looks for its transfer, whatever the device.
CREATE INDEX transfer_task ON transfer (task_id);
