"""Resource types that are not created here, each with the reason. What they promise is proven by tests/infra."""

IGNORED = {
    "AWS::CDK::Metadata": "says which constructs were used; nothing to create",
    "AWS::IAM::Policy": "no permission is enforced here; roles are judged against recorded calls instead",
    "AWS::IAM::ManagedPolicy": "no permission is enforced here",
    "AWS::Lambda::Permission": "no permission is enforced here",
    "AWS::Lambda::EventInvokeConfig": "a function that fails is called again by hand; its log says why",
    "AWS::SQS::QueuePolicy": "no permission is enforced here",
    "AWS::S3::BucketPolicy": "no permission is enforced here",
    "AWS::ApiGatewayV2::Stage": "the front serves one stage, $default, without throttling or access logs",
    "AWS::CloudWatch::Alarm": "nobody is called out for a laptop",
    "AWS::CloudWatch::Dashboard": "the local pages show what runs",
    "AWS::SNS::Topic": "only alarms go there",
    "AWS::SNS::TopicPolicy": "only alarms go there",
    "AWS::SNS::Subscription": "only alarms go there",
    "AWS::SES::ConfigurationSetEventDestination": "nothing bounces here",
}
